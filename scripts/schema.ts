/** Writes mydocker-compose.schema.json from the zod model; a test fails when the committed file is another. */
import { writeFileSync } from 'node:fs';
import { composeJsonSchema } from '../src/model/compose/json-schema.ts';

writeFileSync('mydocker-compose.schema.json', `${JSON.stringify(composeJsonSchema(), null, 2)}\n`);
