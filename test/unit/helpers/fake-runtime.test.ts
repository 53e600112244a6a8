import { runtimeContract } from '../../contract/runtime-contract.ts';
import { FakeRuntime } from '../../helpers/fake-runtime.ts';

runtimeContract(() => Promise.resolve({ runtime: new FakeRuntime({ exits: { ends: 3 } }), dispose: () => Promise.resolve() }));
