package page

import "hash/crc32"

// joinCRC returns the CRC-32 (IEEE) of two texts one after the other, from that of each and the length of the
// second: a text shifts the polynomial of the text before it by 8 for each byte. It is zlib's
// crc32_combine, which says why (https://github.com/madler/zlib/blob/v1.3.1/crc32.c).
func joinCRC(first, second uint32, length int) uint32 {
	shift := uint32(1) << 31 // x^0: the highest bit is the lowest power
	for n, k := uint64(length)*8, 0; n > 0; n, k = n>>1, k+1 {
		if n&1 != 0 {
			shift = multiplyCRC(powersCRC[k&31], shift)
		}
	}
	return multiplyCRC(shift, first) ^ second
}

// multiplyCRC returns the product of two polynomials modulo that of CRC-32.
func multiplyCRC(a, b uint32) (product uint32) {
	for ; a != 0; a <<= 1 {
		if a>>31 != 0 {
			product ^= b
		}
		low := b & 1
		b >>= 1
		b ^= crc32.IEEE & -low
	}
	return product
}

// powersCRC are x^(2^k) modulo the polynomial; x^(2^32) is x again.
var powersCRC = func() (powers [32]uint32) {
	powers[0] = 1 << 30
	for k := 1; k < len(powers); k++ {
		powers[k] = multiplyCRC(powers[k-1], powers[k-1])
	}
	return powers
}()
