/** The middle third of a text, in whole characters: it spans several tokens and begins and ends within some. */
export function middleOf(text: string): string {
  const characters = Array.from(text);
  return characters.slice(Math.floor(characters.length / 3) + 1, Math.floor((characters.length * 2) / 3)).join('');
}
