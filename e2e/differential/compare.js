// Puts cases to both evaluators and lists where they differ, by cause. Ends with 1 where a cause is not known.
//
//   node compare.js ROLECALL < cases.jsonl
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { causeOf } from './causes.js'
import { simulate } from './simulate.js'

const [program] = process.argv.slice(2)
const child = spawn(program, ['policy', 'conform'], { stdio: ['pipe', 'pipe', 'inherit'] })
const waiting = []
createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()(JSON.parse(line)))

const decide = (case_) =>
  new Promise((resolve) => {
    waiting.push(resolve)
    child.stdin.write(`${JSON.stringify(case_)}\n`)
  })

// Both answers where they differ; nothing where they do not, or where one of them gives none.
async function difference(case_) {
  const [answer, theirs] = [await decide(case_), await simulate(case_)]
  const ours = answer.undecided ? 'Undecided' : answer.decision
  const refused = answer.error ? `rolecall: ${answer.error}` : theirs.refused && `iam-simulate: ${theirs.refused}`
  return { refused, ours, theirs: theirs.decision, differ: !refused && ours !== theirs.decision }
}

// A statement without one of these is another statement.
const ELEMENTS = /^(Statement|Version|Effect|(Not)?(Principal|Action|Resource)|AWS|Service|Federated)$/

// Every case that has one member or item of the policies or the context less.
function* smaller(case_) {
  const paths = []
  const walk = (value, path) => {
    if (typeof value !== 'object' || value === null) return
    for (const key of Object.keys(value)) {
      if (!ELEMENTS.test(key)) paths.push([...path, key])
      walk(value[key], [...path, key])
    }
  }
  walk(case_.policies, ['policies'])
  Object.keys(case_.request.context).forEach((key) => paths.push(['request', 'context', key]))
  for (const path of paths) {
    const copy = structuredClone(case_)
    const parent = path.slice(0, -1).reduce((value, key) => value[key], copy)
    const key = path.at(-1)
    // A layer or a list that becomes empty is another question; every role and key has a policy.
    const needed = key === 'resource' && /:(iam|kms):/.test(case_.request.resource.arn)
    if (Array.isArray(parent)) {
      if (parent.length === 1) continue
      parent.splice(Number(key), 1)
    } else if (path.length === 2 ? parent[key] !== null && !needed : true) {
      if (path.length === 2) parent[key] = null
      else delete parent[key]
    } else continue
    yield copy
  }
}

async function smallest(case_, found) {
  for (const candidate of smaller(case_)) {
    const now = await difference(candidate)
    if (now.differ && now.ours === found.ours && now.theirs === found.theirs) return smallest(candidate, found)
  }
  return case_
}

const count = (counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1)
const [agreed, refused, causes, unknown] = [new Map(), new Map(), new Map(), []]
for await (const line of createInterface({ input: process.stdin })) {
  const case_ = JSON.parse(line)
  const found = await difference(case_)
  if (found.refused) count(refused, found.refused)
  else if (!found.differ) count(agreed, found.ours)
  else {
    const least = await smallest(case_, found)
    const cause = causeOf(least, found.ours)
    if (cause) count(causes, `${cause}: ${found.ours} here, ${found.theirs} there`)
    else unknown.push({ ...found, request: least.request, policies: least.policies })
  }
}
child.stdin.end()

const total = (counts) => [...counts.values()].reduce((sum, one) => sum + one, 0)
const list = (counts) => [...counts].sort().forEach(([key, times]) => console.log(`${String(times).padStart(6)}  ${key}`))
console.log(`${total(agreed)} agree`)
list(agreed)
console.log(`${total(refused)} have no answer from one of the two`)
list(refused)
console.log(`${total(causes)} differ, settled in docs/iam-decisions.md`)
list(causes)
if (unknown.length) {
  console.log(`${unknown.length} differ for a cause that is not known`)
  unknown.forEach((one) => console.log(JSON.stringify(one)))
}
process.exit(unknown.length ? 1 : 0)
