import { MydockerError } from '../../errors.ts';

/** `ctrl-p,ctrl-q` or `a,b`: the bytes a person types. */
export function detachKeyBytes(text: string): string {
  return text
    .split(',')
    .filter((key) => key !== '')
    .map((key) => {
      if (key.length === 1) return key;
      const letter = /^ctrl-([a-zA-Z@[\\\]^_])$/.exec(key)?.[1];
      if (letter === undefined)
        throw new MydockerError('invalid', `invalid detach key ${JSON.stringify(key)}`, {
          hint: 'Write ctrl-p,ctrl-q or single characters.',
        });
      return String.fromCharCode(letter.toUpperCase().charCodeAt(0) & 0x1f);
    })
    .join('');
}
