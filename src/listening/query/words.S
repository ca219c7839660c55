// i18n/en.json as it stands; embed.cmake says where it is.
.section .rodata
.global kiki_english_begin
kiki_english_begin:
.incbin KIKI_ENGLISH
.global kiki_english_end
kiki_english_end:
.byte 0
.section .note.GNU-stack,"",@progbits
