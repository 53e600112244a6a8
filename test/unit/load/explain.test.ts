import { expect, test } from 'bun:test';
import { explainPath } from '../../../src/load/output/explain.ts';
import { loadFiles } from '../../helpers/compose-files.ts';

const FILES = {
  'compose.yaml': `services:
  base:
    image: i
    environment: {PORT: 80, HOST: x}
  web:
    extends: base
    environment:
      PORT: \${PORT:-8080}
`,
  'compose.override.yaml': 'services:\n  web:\n    environment: [PORT=9090]\n',
  '.env': 'PORT=7070\n',
};

async function explain(path: string): Promise<string> {
  return explainPath(path, await loadFiles(FILES));
}

test('every definition is named, in order', async () => {
  expect(await explain('services.web.environment.PORT')).toBe(`services.web.environment.PORT = "9090"
  defined at compose.yaml:4:25: 80, HOST: x}
  overridden at compose.yaml:8:13: \${PORT:-8080}
    PORT = "7070" from .env:1:1: PORT=7070
  overridden at compose.override.yaml:3:19: PORT=9090]
`);
  expect(await explain('services.web.environment.HOST')).toBe(`services.web.environment.HOST = x
  defined at compose.yaml:4:35: x}
`);
});

test('what is implied says so, what comes from a parent names it', async () => {
  expect(await explain('services.web.networks.default')).toBe('services.web.networks.default = null\n  implied: no file says it\n');
  expect(await explain('networks.default.name')).toBe('networks.default.name = p_default\n  implied: no file says it\n');
});

test('a path that is not there names the nearest one', async () => {
  const error = await explain('services.web.enviroment').catch((problem: unknown) => problem);
  expect(error).toMatchObject({
    code: 'not-found',
    message: 'nothing at services.web.enviroment',
    hint: 'did you mean services.web.environment?',
  });
});
