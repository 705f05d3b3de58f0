/** An answer other than success, as text. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
