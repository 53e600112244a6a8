#ifndef MOUNT_OPTIONS_H
#define MOUNT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* A comma list such as `ro,nosuid,size=64m,rprivate`, taken apart. */
struct mount_options {
    uint64_t set, clear;  /* MOUNT_ATTR_* */
    uint64_t propagation; /* MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE or 0 */
    bool propagation_recursive;
    bool recursive; /* rbind */
    char **data;    /* the file system's own options, NULL-terminated; into `text` */
    char *text;
};

void mount_options_parse(const char *list, struct mount_options *options);
void mount_options_free(struct mount_options *options);

#endif
