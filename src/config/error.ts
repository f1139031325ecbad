/** A setting that cannot be used. The message is one line for people; the program ends with status 2. */
export class ConfigError extends Error {
  /** Where the setting stands: an option such as `--port`, or `FILE:LINE` of a config.yaml. */
  readonly where: string;
  /** What is shown below the line as it stands: places in files with their carets. "" for none. */
  readonly detail: string;

  constructor(where: string, message: string, detail = "") {
    super(`${where}: ${message}`);
    this.name = "ConfigError";
    this.where = where;
    this.detail = detail;
  }
}
