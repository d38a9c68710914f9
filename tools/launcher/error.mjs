/** A failure the user can act on: shown as its message alone, without a stack. */
export class LaunchError extends Error {
  /** @param {string} message what happened and what to do
   *  @param {number} exitCode 1, unless a program we ran or a signal decided otherwise */
  constructor(message, exitCode = 1) {
    super(message);
    this.name = "LaunchError";
    this.exitCode = exitCode;
  }
}
