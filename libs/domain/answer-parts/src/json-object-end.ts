/** Finds where a JSON object ends that comes in pieces. It begins with its opening brace. */
export class JsonObjectEnd {
  private depth = 0;
  private inString = false;
  private escaped = false;

  /** The number of characters up to and with the object's last brace; undefined while it goes on. */
  find(text: string): number | undefined {
    for (let at = 0; at < text.length; at += 1) {
      const character = text[at];
      if (this.inString) this.passInString(character);
      else if (character === '"') this.inString = true;
      else if (character === '{' || character === '[') this.depth += 1;
      else if (character === '}' || character === ']') {
        this.depth -= 1;
        if (this.depth <= 0) return at + 1;
      }
    }
    return undefined;
  }

  private passInString(character: string | undefined): void {
    if (this.escaped) this.escaped = false;
    else if (character === '\\') this.escaped = true;
    else if (character === '"') this.inString = false;
  }
}
