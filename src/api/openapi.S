# The API's description as it stands in openapi.json; embed.cmake says where that is.
.section .rodata
.global kiki_openapi_begin
kiki_openapi_begin:
.incbin KIKI_OPENAPI_JSON
.global kiki_openapi_end
kiki_openapi_end:
.byte 0
.section .note.GNU-stack,"",@progbits
