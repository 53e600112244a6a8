/** The ARGs that every build has without a declaration before the first FROM; a stage must declare them to see them. */
export function platformArgs(architecture: string, target: string | undefined): readonly (readonly [string, string])[] {
  return (['BUILD', 'TARGET'] as const)
    .flatMap((side): readonly (readonly [string, string])[] => [
      [`${side}PLATFORM`, `linux/${architecture}`],
      [`${side}OS`, 'linux'],
      [`${side}OSVERSION`, ''],
      [`${side}ARCH`, architecture],
      [`${side}VARIANT`, ''],
    ])
    .concat([['TARGETSTAGE', target === undefined || target === '' ? 'default' : target]]);
}
