// Verifies a signed webhook with the npm package standardwebhooks: reads
// {secret, body, headers} on standard input, prints the event's type.
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const { secret, body, headers } = JSON.parse(readFileSync(0, "utf8"));
console.log(new Webhook(secret).verify(body, headers).type);
