/* CRC-32C (Castagnoli; RFC 3720, appendix B.4), the checksum of TensorBoard's files. zlib's is another. */
#ifndef TRM_REPORT_CRC32C_H
#define TRM_REPORT_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of size bytes; 0 for none. */
uint32_t crc32c(const void *bytes, size_t size);

#endif
