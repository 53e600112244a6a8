#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Runs a fuzz target without libFuzzer, the same way each time: `replay ROUNDS FILE…` gives it every file,
 * every beginning of it, and ROUNDS mutations of each. What it fails on is printed in hexadecimal. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void __sanitizer_set_death_callback(void (*callback)(void));

enum { SIZE_MAX_INPUT = 65536, BEGINNINGS = 600 };

static uint8_t input[SIZE_MAX_INPUT];
static size_t input_size;
static const char *file;
static uint64_t state = 88172645463325252u;

static void print_input(void)
{
    fprintf(stderr, "failed on %zu bytes, from %s:\n", input_size, file);
    for (size_t i = 0; i < input_size; i++)
        fprintf(stderr, "%02x", input[i]);
    fputc('\n', stderr);
}

static void aborted(int number)
{
    print_input();
    signal(number, SIG_DFL);
    raise(number);
}

/* xorshift64: the same numbers on every machine. */
static uint32_t number_below(size_t limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 16) % (limit ? limit : 1));
}

static void cut_or_repeat(void)
{
    size_t at = number_below(input_size + 1), size = number_below(32) + 1;

    if (number_below(2) && at + size <= input_size) {
        memmove(input + at, input + at + size, input_size - at - size);
        input_size -= size;
    } else if (at >= size && input_size + size <= sizeof input) {
        memmove(input + at + size, input + at, input_size - at);
        memcpy(input + at, input + at - size, size);
        input_size += size;
    }
}

static void mutate(void)
{
    static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xff, 0xc0, '\n', ':', '=', '/', '0', '9'};

    for (uint32_t changes = number_below(6) + 1; changes > 0; changes--) {
        size_t at = number_below(input_size);

        switch (number_below(4)) {
        case 0:
            cut_or_repeat();
            break;
        case 1:
            input[at] = odd[number_below(sizeof odd)];
            break;
        case 2:
            input[at] ^= (uint8_t)(1u << number_below(8));
            break;
        default:
            input[at] = (uint8_t)number_below(256);
        }
    }
}

static void replay(const uint8_t *seed, size_t size, long rounds)
{
    size_t step = size / BEGINNINGS + 1;

    for (size_t end = 0; end <= size; end += step) {
        memcpy(input, seed, input_size = end);
        LLVMFuzzerTestOneInput(input, input_size);
    }
    for (long i = 0; i < rounds; i++) {
        memcpy(input, seed, input_size = size);
        mutate();
        LLVMFuzzerTestOneInput(input, input_size);
    }
}

int main(int count, char **arguments)
{
    static uint8_t seed[SIZE_MAX_INPUT];

    if (count < 3)
        return 2;
    __sanitizer_set_death_callback(print_input);
    signal(SIGABRT, aborted);
    signal(SIGPIPE, SIG_IGN);
    for (int i = 2; i < count; i++) {
        FILE *stream = fopen(file = arguments[i], "re");

        if (!stream)
            return 2;
        replay(seed, fread(seed, 1, sizeof seed, stream), strtol(arguments[1], NULL, 10));
        fclose(stream);
    }
    return 0;
}
