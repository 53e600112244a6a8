import type { NamespaceMode } from '../../model/container.ts';

/** `host`, `none`, `container:ID`, or the word Docker has for one of its own. */
export function namespaceText(mode: NamespaceMode, ownWord: string): string {
  return mode.kind === 'private' ? ownWord : mode.kind === 'container' ? `container:${mode.container}` : mode.kind;
}
