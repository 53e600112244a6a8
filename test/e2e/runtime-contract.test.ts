import { runtimeContract } from '../contract/runtime-contract.ts';
import { executables, useSandbox } from '../helpers/sandbox.ts';
import { openRuntime } from '../../src/runtime/runtime.ts';

const sandbox = useSandbox();
// This process is not the compiled program, beside which the core would be.
process.env['MYDOCKER_CORE'] = executables.core;

runtimeContract(async () => {
  const runtime = await openRuntime({ dataRoot: sandbox.dataRoot, runRoot: sandbox.runRoot });
  // Before the check that nothing is left, which comes first.
  sandbox.afterTest(() => runtime.close());
  return { runtime, dispose: () => Promise.resolve() };
});
