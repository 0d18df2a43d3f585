// Checks the manifests of operators (Prometheus, External Secrets, KEDA) by models that are made from
// the operators' own types: node validate.mjs FILE... A kind of theirs that has no model is an error, and
// so is a field that no model asks for: the cluster would leave it out without a word.
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

const MODELS = {
  'external-secrets.io/v1': () => import('@kubernetes-models/external-secrets/external-secrets.io/v1'),
  'keda.sh/v1alpha1': () => import('@kubernetes-models/keda/keda.sh/v1alpha1'),
  'monitoring.coreos.com/v1': () => import('@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'),
};
const OPERATORS = /^(external-secrets\.io|keda\.sh|monitoring\.coreos\.com)\//;

// The models pass what they do not know; so what they read of a manifest is written down.
function watched(value, path, unread) {
  if (value === null || typeof value !== 'object') return value;
  const parts = Array.isArray(value) ? [] : {};
  for (const [key, part] of Object.entries(value)) {
    const inner = `${path}/${key}`;
    parts[key] = watched(part, inner, unread);
    if (!Array.isArray(value)) unread.add(inner);
  }
  return new Proxy(parts, {
    get(target, key) {
      unread.delete(`${path}/${String(key)}`);
      return target[key];
    },
  });
}

async function problems({ apiVersion, kind, metadata, ...rest }) {
  const Model = (await MODELS[apiVersion]?.())?.[kind];
  if (!Model) return [`${apiVersion} has no ${kind}`];
  const unread = new Set();
  const model = new Model({ metadata });
  Object.assign(model, watched(rest, '', unread)); // a model's maker would read, and copy, all of it
  try {
    model.validate();
  } catch (error) {
    return [error.message];
  }
  return [...unread].map((path) => `${path} is no field of a ${kind}`);
}

let checked = 0;
let failed = false;
for (const path of process.argv.slice(2)) {
  for (const document of parseAllDocuments(readFileSync(path, 'utf8'))) {
    const manifest = document.toJS();
    if (!OPERATORS.test(manifest?.apiVersion ?? '')) continue;
    checked += 1;
    for (const problem of await problems(manifest)) {
      console.log(`${path}: ${manifest.kind} ${manifest.metadata.name}: ${problem}`);
      failed = true;
    }
  }
}
console.log(`${checked} manifests of operators`);
process.exit(failed || !checked ? 1 : 0);
