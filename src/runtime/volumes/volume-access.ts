/** How a volume reaches a container: a folder of the host, or a file system of the container's own mount namespace. */
export type VolumeAccess =
  | { readonly kind: 'folder'; readonly path: string; readonly readOnly?: boolean }
  | { readonly kind: 'mount'; readonly type: string; readonly source: string; readonly options: readonly string[] };
