import type { ImageConfig } from '../../model/runtime.ts';
import type { RunConfig } from '../store/image-records.ts';

/** The image format's `config` object as the rest of the program sees it. */
export function toImageConfig(config: RunConfig | null | undefined): ImageConfig {
  const health = config?.Healthcheck;
  const test = health?.Test ?? [];
  return {
    env: config?.Env ?? [],
    entrypoint: config?.Entrypoint ?? [],
    cmd: config?.Cmd ?? [],
    workingDir: config?.WorkingDir ?? '',
    user: config?.User ?? '',
    labels: config?.Labels ?? {},
    exposedPorts: Object.keys(config?.ExposedPorts ?? {}),
    volumes: Object.keys(config?.Volumes ?? {}),
    stopSignal: config?.StopSignal ?? '',
    shell: config?.Shell ?? [],
    onBuild: config?.OnBuild ?? [],
    ...(health === null || health === undefined || test.length === 0
      ? {}
      : {
          healthcheck: {
            test,
            interval: health.Interval ?? 0,
            timeout: health.Timeout ?? 0,
            startPeriod: health.StartPeriod ?? 0,
            startInterval: health.StartInterval ?? 0,
            retries: health.Retries ?? 0,
          },
        }),
  };
}
