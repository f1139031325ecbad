/** A setting that cannot be used. The message is one line for people; the program ends with status 2. */
export class ConfigError extends Error {
  /** Where the setting stands: an option such as `--port`, or `FILE:LINE` of a config.yaml. */
  readonly where: string;

  constructor(where: string, message: string) {
    super(`${where}: ${message}`);
    this.name = "ConfigError";
    this.where = where;
  }
}
