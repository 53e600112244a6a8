#include "tar-entry.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

void tar_entry_init(struct tar_entry *entry)
{
    *entry = (struct tar_entry){.sparse = {.real_size = -1}};
}

void tar_entry_free(struct tar_entry *entry)
{
    free(entry->path);
    free(entry->link);
    free(entry->sparse.name);
    free(entry->sparse.runs);
    for (size_t i = 0; i < entry->xattr_count; i++) {
        free(entry->xattrs[i].name);
        free(entry->xattrs[i].value);
    }
    free(entry->xattrs);
    tar_entry_init(entry);
}

void tar_set_string(char **target, const char *text, size_t size)
{
    char *copy = memory_allocate(size + 1, 1);
    memcpy(copy, text, size);
    free(*target);
    *target = copy;
}

static struct tar_xattr *find_xattr(struct tar_entry *entry, const char *name, size_t name_size)
{
    for (size_t i = 0; i < entry->xattr_count; i++) {
        struct tar_xattr *xattr = &entry->xattrs[i];
        if (strlen(xattr->name) == name_size && memcmp(xattr->name, name, name_size) == 0)
            return xattr;
    }
    return NULL;
}

bool tar_entry_add_xattr(struct tar_entry *entry, const char *name, size_t name_size, const void *value,
                         size_t size)
{
    struct tar_xattr *xattr = find_xattr(entry, name, name_size);
    if (xattr == NULL) {
        if (entry->xattr_count == TAR_MAX_XATTRS)
            return false;
        entry->xattrs = memory_resize(entry->xattrs, entry->xattr_count + 1, sizeof *xattr);
        xattr = &entry->xattrs[entry->xattr_count++];
        *xattr = (struct tar_xattr){0};
        tar_set_string(&xattr->name, name, name_size);
    }
    unsigned char *copy = memory_allocate(size + 1, 1);
    memcpy(copy, value, size);
    free(xattr->value);
    xattr->value = copy;
    xattr->size = size;
    return true;
}

void tar_sparse_add(struct tar_sparse *sparse, int64_t offset, int64_t length)
{
    if ((sparse->count & (sparse->count - 1)) == 0)
        sparse->runs =
            memory_resize(sparse->runs, sparse->count ? sparse->count * 2 : 1, sizeof *sparse->runs);
    sparse->runs[sparse->count++] = (struct tar_run){.offset = offset, .length = length};
}
