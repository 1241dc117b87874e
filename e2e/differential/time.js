// One case, decided by iam-simulate so many times: its answer, and what it takes for one.
//
//   node time.js TIMES CASE
import { simulate } from './simulate.js'

const [times, text] = process.argv.slice(2)
const case_ = JSON.parse(text)
const { decision, refused } = await simulate(case_)
if (times === '1') console.log(decision ?? refused)
else {
  const start = process.hrtime.bigint()
  for (let round = 0; round < Number(times); round++) await simulate(case_)
  const microseconds = Number(process.hrtime.bigint() - start) / 1000 / Number(times)
  console.log(`${microseconds.toFixed(1)} µs a decision, its policies read each time`)
}
