#include "log-encode.h"

#include "json.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Bytes that can stand in JSON text as they are: not a control, quote, backslash, DEL or part of a sequence.
 */
static bool log_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static size_t log_plain_run(const unsigned char *text, size_t size)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    size_t i = 0;

    /* Eight at a time: a byte below 0x20, equal to " or \, or above 0x7f sets its high bit. */
    while (i + 8 <= size) {
        uint64_t word, quote, slash;

        memcpy(&word, text + i, 8);
        quote = word ^ ones * '"';
        slash = word ^ ones * '\\';
        if (((word - ones * 0x20) | word | (quote - ones) | (slash - ones)) & highs)
            break;
        i += 8;
    }
    while (i < size && log_plain(text[i]))
        i++;
    return i;
}

static char *log_escape(char *out, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    char letter = c == '"' || c == '\\' ? (char)c : c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : 0;

    *out++ = '\\';
    if (letter) {
        *out++ = letter;
        return out;
    }
    memcpy(out, "u00", 3);
    out[3] = digits[c >> 4];
    out[4] = digits[c & 15];
    return out + 5;
}

char *log_encode(char *out, const unsigned char *text, size_t size)
{
    size_t i = 0;

    while (i < size) {
        size_t run = log_plain_run(text + i, size - i);

        memcpy(out, text + i, run);
        out += run;
        i += run;
        if (i == size)
            break;
        if (text[i] < 0x80) {
            out = log_escape(out, text[i++]);
            continue;
        }
        run = json_utf8_length(text + i, size - i);
        if (run == 0) {
            memcpy(out, "\xef\xbf\xbd", 3);
            out += 3;
            i++;
        } else {
            memcpy(out, text + i, run);
            out += run;
            i += run;
        }
    }
    return out;
}
