import { randomInt } from 'node:crypto';

const ADJECTIVES =
  'amber ample bold brave brisk bright calm clever cosy crisp eager early fair fleet fond gentle glad grand happy hardy honest jolly keen kind lively lucid lucky mellow merry mild neat noble patient plain proud quick quiet rapid ready sharp shy silent sleek smart snug steady sunny swift tidy warm wise witty'.split(
    ' ',
  );
const ANIMALS =
  'badger beaver bison buzzard cat crane cricket crow curlew deer dove duck eagle elk falcon ferret finch fox frog gecko goose hare hawk heron hornet ibex jackdaw jay kestrel lark lemur lynx magpie marten mole moth newt otter owl panda pike puffin quail rabbit raven robin seal shrew snipe stoat stork swan swift tern toad trout wren'.split(
    ' ',
  );

/** A name for a container that was given none: `quiet_otter`; with a digit from the second try on. */
export function randomName(attempt: number): string {
  const pick = (words: readonly string[]): string => words[randomInt(words.length)] ?? '';
  return `${pick(ADJECTIVES)}_${pick(ANIMALS)}${attempt === 0 ? '' : String(randomInt(10 ** attempt))}`;
}
