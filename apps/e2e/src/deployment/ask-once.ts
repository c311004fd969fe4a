/** The content of one answer; undefined while none can be had. */
export async function askOnce(
  baseUrl: string,
  { key, model }: { key: string; model: string },
): Promise<string | undefined> {
  const answer = await fetch(`${baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: 'What is the capital of France?' }],
      temperature: 0,
    }),
  });
  if (!answer.ok) return undefined;
  return ((await answer.json()) as { choices: { message: { content: string } }[] }).choices[0]?.message.content;
}
