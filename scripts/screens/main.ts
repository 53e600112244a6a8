/** Takes the pictures of docs/screens.md anew: `npm run screens`, as root, after `npm run build`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { documentOf } from './document.ts';
import { capture } from './scenes.ts';

const docs = new URL('../../docs/', import.meta.url).pathname;
const screens = await capture();
mkdirSync(`${docs}screens`, { recursive: true });
for (const { name, svg } of screens) writeFileSync(`${docs}screens/${name}.svg`, svg);
writeFileSync(`${docs}screens.md`, documentOf(screens));
