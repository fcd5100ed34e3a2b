/*
 * The C library's text formats that a static program carries for nothing: translations, wide characters, floating point,
 * scanf(3). Our text is made and read in C#; the runtime's C code prints and reads whole numbers at most. These definitions
 * take the place of the C library's, so the code behind them is not even linked.
 *
 * Weak, since most of the names are the C library's own: where one has moved to another place, its own definition wins.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define IN_PLACE_OF(name) __asm__(name) __attribute__((weak))

/* Of pthread_getattr_np(3), which finds the main thread's stack in /proc/self/maps. */
static int read_range(const char *text, va_list numbers)
{
    char *end;
    unsigned long first = strtoul(text, &end, 16);
    if (end == text || *end != '-')
        return 0;
    text = end + 1;
    unsigned long last = strtoul(text, &end, 16);
    if (end == text)
        return 0;
    *va_arg(numbers, unsigned long *) = first;
    *va_arg(numbers, unsigned long *) = last;
    return 2;
}

/*
 * Nothing else is recognised. The runtime also reads the limits of its control group so, and does without: early boot has
 * no control groups, and our heap has its own limit.
 */
#define DEFINE_SCANF(function, name)                                   \
    int function(const char *text, const char *format, ...) IN_PLACE_OF(name); \
    int function(const char *text, const char *format, ...)            \
    {                                                                  \
        va_list numbers;                                               \
        va_start(numbers, format);                                     \
        int count = strcmp(format, "%lx-%lx") == 0 ? read_range(text, numbers) : 0; \
        va_end(numbers);                                               \
        return count;                                                  \
    }

DEFINE_SCANF(scan_of_c89, "sscanf")
DEFINE_SCANF(scan_of_c99, "__isoc99_sscanf")
DEFINE_SCANF(scan_of_c23, "__isoc23_sscanf")

int no_fscanf(void *file, const char *format, ...) IN_PLACE_OF("__isoc99_fscanf");
int no_fscanf(void *file, const char *format, ...)
{
    (void)file;
    (void)format;
    return 0;
}

/* An error of the system in the language of its programmers: no locale is ever set. */
char *no_translation(const char *domain, const char *text, int category) IN_PLACE_OF("__dcgettext");
char *no_translation(const char *domain, const char *text, int category)
{
    (void)domain;
    (void)category;
    return (char *)text;
}

/* Written by nothing: a stream is never wide. */
int no_wide_print(void *stream, const void *format, va_list arguments, unsigned mode) IN_PLACE_OF("__vfwprintf_internal");
int no_wide_print(void *stream, const void *format, va_list arguments, unsigned mode)
{
    (void)stream;
    (void)format;
    (void)arguments;
    (void)mode;
    return -1;
}

size_t no_wide_character(char *bytes, int character, void *state) IN_PLACE_OF("__wcrtomb");
size_t no_wide_character(char *bytes, int character, void *state)
{
    (void)bytes;
    (void)character;
    (void)state;
    return (size_t)-1;
}

size_t no_wide_text(char *bytes, const void **text, size_t length, void *state) IN_PLACE_OF("__wcsrtombs");
size_t no_wide_text(char *bytes, const void **text, size_t length, void *state)
{
    (void)bytes;
    (void)text;
    (void)length;
    (void)state;
    return (size_t)-1;
}

size_t no_widening(void *text, const char **bytes, size_t length, void *state) IN_PLACE_OF("__mbsrtowcs");
size_t no_widening(void *text, const char **bytes, size_t length, void *state)
{
    (void)text;
    (void)bytes;
    (void)length;
    (void)state;
    return (size_t)-1;
}

int no_floating_point(void *stream, const void *format, const void *const *number) IN_PLACE_OF("__printf_fp");
int no_floating_point(void *stream, const void *format, const void *const *number)
{
    (void)stream;
    (void)format;
    (void)number;
    return 0;
}

int no_hexadecimal_floating_point(void *stream, const void *format, const void *const *number) IN_PLACE_OF("__printf_fphex");
int no_hexadecimal_floating_point(void *stream, const void *format, const void *const *number)
{
    (void)stream;
    (void)format;
    (void)number;
    return 0;
}
