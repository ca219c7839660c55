# The words of i18n/ja.json and en.json as they stand there; embed.cmake says where that is.
.section .rodata
.global kiki_words_ja_begin
kiki_words_ja_begin:
.incbin KIKI_WORDS_JA
.global kiki_words_ja_end
kiki_words_ja_end:
.byte 0
.global kiki_words_en_begin
kiki_words_en_begin:
.incbin KIKI_WORDS_EN
.global kiki_words_en_end
kiki_words_en_end:
.byte 0
.section .note.GNU-stack,"",@progbits
