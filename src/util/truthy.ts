/** As Docker Compose reads an environment variable that is yes or no. */
export function truthy(value: string | undefined): boolean {
  return value !== undefined && /^(?:1|t|true|y|yes|on)$/i.test(value);
}
