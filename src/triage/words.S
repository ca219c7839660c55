// The words of both languages as they stand in words_ja.txt and words_en.txt; embed.cmake says where they are.
.section .rodata
.global kiki_triage_words_begin
kiki_triage_words_begin:
.incbin KIKI_TRIAGE_WORDS_JA
.byte 10
.incbin KIKI_TRIAGE_WORDS_EN
.global kiki_triage_words_end
kiki_triage_words_end:
.byte 0
.section .note.GNU-stack,"",@progbits
