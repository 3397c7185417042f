// Evaluates JSONata by the implementation that defines the language: a line in, `[expression, $states]`; a line out,
// `{"value": …}`, `{"undefined": true}` or `{"error": …}`.
import { createInterface } from "node:readline";
import jsonata from "jsonata";

for await (const line of createInterface({ input: process.stdin })) {
  const [text, states] = JSON.parse(line);
  let answer;
  try {
    const value = await jsonata(text).evaluate(undefined, { states });
    answer = value === undefined ? { undefined: true } : { value };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
