// Runs a declarative Jenkinsfile, strictly: run.groovy JENKINSFILE (NAME BRANCH DEPLOY TARGET FAIL)...
// A section that takes no such directive, a step that nobody has, a stage without steps: each ends it with
// an error. `sh` is run, in the folder and with the PATH of whoever calls: stand-ins there write down what
// they were asked. Prints a line for each stage and step, and SUCCESS or FAILURE, as Jenkins would end the build.
// Source of the grammar: https://www.jenkins.io/doc/book/pipeline/syntax/ (sections and directives).

/** A part of the pipeline: what it may contain, by name, and what it knows. */
class Section {
    String name
    Map<String, Closure> takes = [:]
    Map<String, Object> knows = [:]
    Closure assign

    def methodMissing(String word, arguments) {
        if (!takes[word]) { throw new IllegalStateException("${name} takes no ${word}") }
        takes[word].call(*arguments)
    }

    def propertyMissing(String word) {
        if (!knows.containsKey(word)) { throw new IllegalStateException("${name} knows no ${word}") }
        knows[word]
    }

    def propertyMissing(String word, value) {
        if (!assign) { throw new IllegalStateException("${name} takes no assignment of ${word}") }
        assign.call(word, value)
    }

    def read(Closure body) {
        body.delegate = this
        body.resolveStrategy = Closure.DELEGATE_ONLY
        body.call()
    }
}

class Build {
    static final List<String> CONDITIONS = ['always', 'changed', 'fixed', 'regression', 'aborted', 'failure',
                                            'success', 'unstable', 'unsuccessful', 'cleanup']
    Map<String, Object> env
    Map<String, Object> params = [:]
    String branch
    boolean failed = false

    void say(String line) { println(line) }

    Map<String, Object> known() { [env: env, params: params, scm: 'scm'] + env }

    /** Keep what a directive was given. */
    static Closure keep(Map<String, Object> into, String key) {
        return { Object... given -> into[key] = given.size() == 1 ? given[0] : given }
    }

    void pipeline(Closure body) {
        Map<String, Object> parts = [:]
        Section top = new Section(name: 'pipeline')
        ['agent', 'options', 'parameters', 'environment', 'stages', 'post', 'tools', 'triggers'].each {
            top.takes[it] = keep(parts, it)
        }
        top.read(body)
        ['agent', 'stages'].each { if (!parts[it]) { throw new IllegalStateException("the pipeline has no ${it}") } }
        agent(parts.agent)
        if (parts.options) { options(parts.options) }
        if (parts.parameters) { parameters(parts.parameters) }
        if (parts.environment) { environment(parts.environment) }
        stages('stages', parts.stages)
        if (parts.post) { post(parts.post) }
    }

    void agent(given) {
        if (given instanceof Closure) {
            new Section(name: 'agent', takes: [label: { }, docker: { }, dockerfile: { }, kubernetes: { }]).read(given)
        }
    }

    void options(Closure body) {
        Section taken = new Section(name: 'options', takes: [logRotator: { it }])
        ['buildDiscarder', 'disableConcurrentBuilds', 'timeout', 'timestamps', 'retry', 'skipDefaultCheckout',
         'skipStagesAfterUnstable', 'parallelsAlwaysFailFast', 'preserveStashes'].each { taken.takes[it] = { Object... _ -> } }
        taken.read(body)
    }

    void parameters(Closure body) {
        Section taken = new Section(name: 'parameters')
        ['string', 'text', 'password'].each { taken.takes[it] = { Map m -> params.putIfAbsent(m.name, m.defaultValue) } }
        taken.takes.booleanParam = { Map m -> params.putIfAbsent(m.name, m.defaultValue) }
        taken.takes.choice = { Map m -> params.putIfAbsent(m.name, m.choices[0]) }
        taken.read(body)
    }

    void environment(Closure body) {
        Section taken = new Section(name: 'environment', knows: known())
        taken.takes.credentials = { String id -> "credentials-of-${id}".toString() }
        taken.assign = { String word, value -> env[word] = value.toString() }
        taken.read(body)
    }

    void stages(String name, Closure body, boolean together = false) {
        int count = 0
        boolean before = failed
        Section taken = new Section(name: name)
        taken.takes.stage = { String title, Closure content -> count++; stage(title, content, together ? before : failed) }
        taken.read(body)
        if (!count) { throw new IllegalStateException("${name} has no stage") }
    }

    void stage(String title, Closure body, boolean over) {
        Map<String, Object> parts = [:]
        Section taken = new Section(name: "stage ${title}")
        ['agent', 'environment', 'options', 'input', 'when', 'steps', 'parallel', 'stages', 'post', 'tools', 'failFast'].each {
            taken.takes[it] = keep(parts, it)
        }
        taken.read(body)
        List<String> does = ['steps', 'parallel', 'stages'].findAll { parts[it] }
        if (does.size() != 1) { throw new IllegalStateException("stage ${title} needs one of steps, parallel, stages") }
        if (parts.options) { options(parts.options) }
        if (over || (parts.when && !holds(parts.when))) {
            say("skipped ${title}")
            return
        }
        say("stage ${title}")
        if (parts.input) { input(parts.input) }
        boolean before = failed // in a branch beside it
        failed = false
        if (parts.steps) { attempt { steps("steps of ${title}", parts.steps) } }
        if (parts.parallel) { stages("parallel of ${title}", parts.parallel, true) }
        if (parts.stages) { stages("stages of ${title}", parts.stages) }
        if (parts.post) { post(parts.post) }
        failed = failed || before
    }

    /** A step that fails fails the build; what is wrong with the file ends the program. */
    void attempt(Closure work) {
        try { work.call() } catch (IOException error) {
            say("failed: ${error.message}")
            failed = true
        }
    }

    boolean holds(Closure body) {
        List<Boolean> found = []
        Section taken = new Section(name: 'when', knows: known(), takes: [
            branch: { String wanted -> found << (wanted == branch) },
            expression: { Closure asked -> found << (new Section(name: 'expression', knows: known()).read(asked) as boolean) },
            beforeInput: { boolean _ -> }, beforeAgent: { boolean _ -> }, beforeOptions: { boolean _ -> },
        ])
        taken.read(body)
        return found.every()
    }

    void input(Closure body) {
        Map<String, Object> parts = [:]
        Section taken = new Section(name: 'input')
        ['message', 'id', 'ok', 'submitter', 'submitterParameter', 'parameters'].each { taken.takes[it] = keep(parts, it) }
        taken.read(body)
        if (!parts.message) { throw new IllegalStateException('input has no message') }
        say("asks ${parts.submitter}: ${parts.message}")
    }

    void post(Closure body) {
        boolean bad = failed
        Map<String, Closure> parts = [:]
        Section taken = new Section(name: 'post')
        CONDITIONS.each { condition -> taken.takes[condition] = { Closure c -> parts[condition] = c } }
        taken.read(body)
        ['always', bad ? 'failure' : 'success', bad ? 'unsuccessful' : 'fixed', 'cleanup'].each { condition ->
            if (parts[condition]) { attempt { steps("post ${condition}", parts[condition]) } }
        }
    }

    void steps(String name, Closure body) {
        Section taken = new Section(name: name, knows: known())
        Closure within = { Object... given -> steps(name, given[-1] as Closure) }
        taken.takes += [
            sh: { given -> shell(given instanceof Map ? given.script : given) },
            echo: { text -> say("echo ${text}") },
            checkout: { _ -> say('checkout') },
            junit: { path -> say("junit ${path}") },
            archiveArtifacts: { Object... _ -> say('archiveArtifacts') },
            slackSend: { Map m -> say("slackSend ${m.color} ${m.message}") },
            cleanWs: { Object... _ -> say('cleanWs') },
            waitForQualityGate: { Map m -> say('waitForQualityGate') },
            string: { Map m -> m }, usernamePassword: { Map m -> m }, file: { Map m -> m },
            withCredentials: { List wanted, Closure inner -> withCredentials(wanted, name, inner) },
            withSonarQubeEnv: within, timeout: within, retry: within, dir: within,
        ]
        taken.read(body)
    }

    void withCredentials(List wanted, String name, Closure inner) {
        Map<String, Object> given = wanted.collectEntries { Map m ->
            m.variable ? [(m.variable): "credentials-of-${m.credentialsId}".toString()] : [AWS_ACCESS_KEY_ID: m.credentialsId]
        }
        env.putAll(given)
        try { steps(name, inner) } finally { given.keySet().each { env.remove(it) } }
    }

    void shell(String script) {
        ProcessBuilder program = new ProcessBuilder('sh', '-e', '-c', script).redirectErrorStream(true)
        (env + params).each { key, value -> program.environment()[key] = value.toString() }
        Process process = program.start()
        process.inputStream.eachLine { say("  ${it}") }
        if (process.waitFor()) { throw new IOException("script returned exit code ${process.exitValue()}") }
    }
}

args.drop(1).toList().collate(5).each { name, branch, deploys, target, fail ->
    println("=== ${name}")
    // These three are Jenkins' own; the rest comes from the Jenkinsfile.
    Map<String, Object> given = [GIT_COMMIT: 'c0ffee' * 6 + 'c0ff', BUILD_URL: 'http://jenkins.example/1/', BRANCH_NAME: branch, FAIL: fail]
    Build build = new Build(env: given, branch: branch, params: [DEPLOY: deploys == 'true', TARGET: target])
    try {
        new GroovyShell(new Binding(pipeline: { Closure body -> build.pipeline(body) })).evaluate(new File(args[0]))
    } catch (IllegalStateException | MissingMethodException | MissingPropertyException error) {
        println("wrong: ${error.message}")
        System.exit(2)
    }
    println(build.failed ? 'FAILURE' : 'SUCCESS')
}
