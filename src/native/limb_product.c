/*
 * row += a * factor, for numbers of 64-bit limbs, the least significant first; returns the limb above. Takes the same time for
 * all values.
 *
 * Nearly all the time of a private RSA operation passes here. C# that is compiled for every x86-64 processor has no
 * instruction that gives both halves of a product, and takes four times as long.
 */
#include <stdint.h>

uint64_t limb_product_add(const uint64_t *a, uint64_t factor, uint64_t *row, int limbs);

uint64_t limb_product_add(const uint64_t *a, uint64_t factor, uint64_t *row, int limbs)
{
    uint64_t carry = 0;
    for (int i = 0; i < limbs; i++) {
        unsigned __int128 sum = (unsigned __int128)a[i] * factor + row[i] + carry;
        row[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    return carry;
}
