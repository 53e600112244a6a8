#include "memory.h"
#include "tree.h"

#include <stdlib.h>

struct inode_entry {
    uint64_t device, inode;
    char *path; /* NULL: a free place */
};

static struct inode_entry *inode_map_place(struct inode_entry *entries, size_t capacity, uint64_t device,
                                           uint64_t inode)
{
    size_t at = (size_t)((inode ^ device << 32) * 0x9e3779b97f4a7c15ull >> 20) & (capacity - 1);

    while (entries[at].path && (entries[at].inode != inode || entries[at].device != device))
        at = (at + 1) & (capacity - 1);
    return &entries[at];
}

static void inode_map_grow(struct inode_map *map)
{
    size_t capacity = map->capacity ? map->capacity * 2 : 64;
    struct inode_entry *entries = memory_allocate(capacity, sizeof *entries);

    for (size_t i = 0; i < map->capacity; i++)
        if (map->entries[i].path)
            *inode_map_place(entries, capacity, map->entries[i].device, map->entries[i].inode) =
                map->entries[i];
    free(map->entries);
    map->entries = entries;
    map->capacity = capacity;
}

const char *inode_map_visit(struct inode_map *map, const struct stat *status, const char *path)
{
    struct inode_entry *entry;

    if (map->count * 2 >= map->capacity)
        inode_map_grow(map);
    entry = inode_map_place(map->entries, map->capacity, status->st_dev, status->st_ino);
    if (entry->path)
        return entry->path;
    *entry = (struct inode_entry){status->st_dev, status->st_ino, memory_copy_string(path)};
    map->count++;
    return NULL;
}

void inode_map_free(struct inode_map *map)
{
    for (size_t i = 0; i < map->capacity; i++)
        free(map->entries[i].path);
    free(map->entries);
    *map = (struct inode_map){0};
}
