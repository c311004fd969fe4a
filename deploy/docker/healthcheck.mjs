/** Ends with 0 when the URL behind it answers with a status of success. */
const [, , url] = process.argv;
const answer = await fetch(url).catch((error) => ({ ok: false, status: String(error.cause ?? error) }));
if (!answer.ok) {
  console.error(`${url}: ${answer.status}`);
  process.exitCode = 1;
}
