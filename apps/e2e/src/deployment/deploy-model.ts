/** Adds a model and a deployment of it with the calls of docs/operating.md. Throws with what was answered. */
export async function deployModel(
  baseUrl: string,
  { operatorKey, ...model }: { operatorKey: string; name: string; artifact: string; engine: string },
): Promise<void> {
  const post = async (path: string, body: object) => {
    const answer = await fetch(`${baseUrl}/admin/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(`${path}: ${String(answer.status)} ${await answer.text()}`);
  };
  await post('models', model);
  await post('deployments', { model: model.name });
}
