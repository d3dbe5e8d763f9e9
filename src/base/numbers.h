/* Numbers with a decimal point, whatever the locale of the program that uses the library. */
#ifndef TRM_BASE_NUMBERS_H
#define TRM_BASE_NUMBERS_H

#include <locale.h>

/* From here to numbers_end the calling thread prints and reads as the C locale does; other threads do not notice. */
locale_t numbers_begin(void);
void numbers_end(locale_t before);

#endif
