import { MydockerError } from '../../errors.ts';
import { parseExecForm } from '../images/instructions.ts';
import { expandWord, splitWords, type Lookup } from '../images/shell-words.ts';
import { IgnorePatterns } from '../../util/ignore-patterns.ts';
import { isUrl } from './fetch-file.ts';
import { readModeChange } from './file-mode.ts';
import { heredocStart, type Instruction } from './dockerfile-lines.ts';

/** The parts of a COPY or ADD. */
export interface CopyRequest {
  readonly sources: readonly string[];
  readonly target: string;
  /** `--from`: a stage, a context or an image; empty is the build context. */
  readonly from: string;
  readonly chown: string;
  /** As written; empty without. */
  readonly chmod: string;
  /** The digest that a download must have; undefined without. */
  readonly checksum: string | undefined;
  /** Whether archives are unpacked: those of the context by default, downloads only when asked for. */
  readonly unpack: boolean | undefined;
  readonly exclude: IgnorePatterns | undefined;
  /** `ADD --keep-git-dir`: the history of a repository, too. */
  readonly keepsGit: boolean;
  /** Sources keep the folders they are in. */
  readonly parents: boolean;
  /** File name -> content, from heredocs. */
  readonly texts: ReadonlyMap<string, string>;
}

export function parseCopy({ keyword, flags, rest, heredocs }: Instruction, lookup: Lookup): CopyRequest {
  const value = (name: string): string => expandWord(flags.find(([flag]) => flag === name)?.[1] ?? '', lookup);
  const texts = new Map(heredocs.map(({ name, content, expands }) => [name, expands ? expandText(content, lookup) : content]));
  const words = (parseExecForm(rest) ?? splitWords(rest)).map((word) => {
    const heredoc = heredocStart(word)?.name;
    return heredoc !== undefined && texts.has(heredoc) ? `<<${heredoc}` : expandWord(word, lookup);
  });
  const target = words.at(-1);
  if (target === undefined) throw new MydockerError('invalid', `${keyword} requires at least two arguments`);
  const excludes = flags.filter(([name]) => name === 'exclude').map(([, pattern]) => expandWord(pattern, lookup));
  const sources = words.slice(0, -1);
  if (sources.length > 1 && !target.endsWith('/') && target !== '.') {
    throw new MydockerError('invalid', `${keyword} with more than one source: the destination ${target} must be a folder and end with a /`);
  }
  return {
    sources,
    target,
    from: value('from'),
    chown: value('chown'),
    chmod: checkedMode(value('chmod')),
    checksum: checkedSum(value('checksum'), sources),
    unpack: flags.some(([name]) => name === 'unpack') ? value('unpack') !== 'false' : undefined,
    exclude: excludes.length === 0 ? undefined : new IgnorePatterns(excludes),
    keepsGit: flags.some(([name, text]) => name === 'keep-git-dir' && text !== 'false'),
    parents: flags.some(([name, text]) => name === 'parents' && text !== 'false'),
    texts,
  };
}

/** Variables in a heredoc's text; unlike in words, quotes stay. */
function expandText(text: string, lookup: Lookup): string {
  return text.replace(/\\([\\$])|\$(?:\{[^}]*\}|\w+)/g, (match, escaped: string | undefined) => escaped ?? expandWord(match, lookup));
}

function checkedMode(text: string): string {
  if (text !== '') readModeChange(text);
  return text;
}

function checkedSum(text: string, sources: readonly string[]): string | undefined {
  if (text === '') return undefined;
  if (!/^sha256:[0-9a-f]{64}$/.test(text)) {
    throw new MydockerError('invalid', `--checksum=${text} is not sha256: and 64 hexadecimal digits`);
  }
  if (!sources.every(isUrl)) throw new MydockerError('invalid', '--checksum is for sources that are downloaded only');
  return text;
}
