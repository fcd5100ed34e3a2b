/*
 * Stands in for the framework's OpenSSL shim: random bytes come from the kernel, and there is no error queue.
 *
 * A symbol that is missing here means that something uses System.Security.Cryptography for more than random bytes. Such
 * code would open libssl at run time and end the process where there is none; take it out instead of adding to this file.
 */
#include <errno.h>
#include <stdint.h>
#include <sys/random.h>

int32_t CryptoNative_EnsureOpenSslInitialized(void);
int32_t CryptoNative_GetRandomBytes(uint8_t *buffer, int32_t count);
uint64_t CryptoNative_ErrGetExceptionError(int32_t *is_allocation_failure);
void CryptoNative_ErrErrorStringN(uint64_t error, char *buffer, int32_t size);
int32_t CryptoNative_GetMaxMdSize(void);

int32_t CryptoNative_EnsureOpenSslInitialized(void)
{
    return 0;
}

/* 1 on success, as RAND_bytes(3). */
int32_t CryptoNative_GetRandomBytes(uint8_t *buffer, int32_t count)
{
    while (count > 0) {
        ssize_t got = getrandom(buffer, (size_t)count, 0);
        if (got < 0) {
            if (errno == EINTR)
                continue;
            return 0;
        }
        buffer += got;
        count -= (int32_t)got;
    }
    return 1;
}

uint64_t CryptoNative_ErrGetExceptionError(int32_t *is_allocation_failure)
{
    *is_allocation_failure = 0;
    return 0;
}

void CryptoNative_ErrErrorStringN(uint64_t error, char *buffer, int32_t size)
{
    (void)error;
    if (size > 0)
        buffer[0] = 0;
}

int32_t CryptoNative_GetMaxMdSize(void)
{
    return 64;
}
