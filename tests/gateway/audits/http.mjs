// Runs graphql-http's audits of a GraphQL-over-HTTP server: node http.mjs URL AUTHORIZATION. Prints the findings as JSON.
import { auditServer } from "graphql-http";

const [url, authorization] = process.argv.slice(2);
const fetchFn = (address, init = {}) => fetch(address, { ...init, headers: { ...init.headers, authorization } });
const findings = await auditServer({ url, fetchFn });
console.log(JSON.stringify(findings.map(({ id, name, status, reason }) => ({ id, name, status, reason }))));
