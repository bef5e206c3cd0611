using Modular.EndToEnd;

namespace Modular.ApiFuzzer;

/// <summary>One run: a fresh server, so many requests made from a seed, and a look at what they left behind.</summary>
internal sealed class Fuzzer(int seed)
{
    /// <summary>How long any answer may take; far longer than any takes, on a busy machine too.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<Finding> _findings = [];
    private long _written;

    /// <summary>Called with every finding as it is made.</summary>
    public Action<Finding> Found { get; init; } = static _ => { };

    /// <summary>Called with every request and its answer.</summary>
    public Action<FuzzRequest, FuzzAnswer> Answered { get; init; } = static (_, _) => { };

    /// <summary>The bytes that the second half of the requests left on the heap.</summary>
    public long Growth { get; private set; }

    /// <summary>
    /// How many bytes these may be: the store and the caches keep a history of what is written, with its past, and everything else has to be the same after
    /// as before.
    /// </summary>
    public long GrowthAllowed => (16 << 20) + (8 * _written);

    /// <summary>Sends the requests, restarts the server on what they left, and reads all of it.</summary>
    public async Task<IReadOnlyList<Finding>> RunAsync(int requests, CancellationToken cancellationToken)
    {
        await using var server = await FuzzServer.StartAsync(cancellationToken);
        var half = 0L;
        using (var client = new FuzzClient(server))
        {
            var known = new KnownState();
            await PrepareAsync(server, client, known, cancellationToken);
            var generator = new RequestGenerator(server.Kinds, known);
            for (var iteration = 0; iteration < requests; iteration++)
            {
                if (iteration == requests / 2)
                {
                    (half, _written) = (GC.GetTotalMemory(forceFullCollection: true), 0);
                }

                var request = generator.Next(new Dice(seed, iteration));
                if (await SendAsync(server, client, iteration, request, cancellationToken) is { } answer && answer.Code < 300 && AnswerRules.ReadObject(answer) is { } obj)
                {
                    known.Learn(request.Path, obj);
                }
            }
        }

        Growth = GC.GetTotalMemory(forceFullCollection: true) - half;
        if (Growth > GrowthAllowed)
        {
            Add(new Finding(seed, requests, $"the heap grew by {Growth} bytes in the second half, {GrowthAllowed} would be in proportion to what was written", null, null));
        }

        await server.RestartAsync(cancellationToken);
        using var reader = new FuzzClient(server);
        foreach (var (problem, request, answer) in await new StoreRules(reader, Patience).CheckAsync(server.Kinds, cancellationToken))
        {
            Add(new Finding(seed, -1, problem + server.Log.TakeErrors(), request, answer));
        }

        return _findings;
    }

    /// <summary>One object of each kind, so that the first requests meet something.</summary>
    private static async Task PrepareAsync(FuzzServer server, FuzzClient client, KnownState known, CancellationToken cancellationToken)
    {
        var dice = new Dice(0, 0);
        foreach (var kind in server.Kinds.Where(k => KindSamples.All.ContainsKey(k.Resource.ToString())).OrderByDescending(k => k.IsNamespaceKind))
        {
            var sample = BodyGenerator.Sample(kind, KindSamples.Name(kind.Resource.ToString(), 1), dice);
            var group = kind.Resource.Group.Length == 0 ? $"/api/{kind.Resource.Version}" : $"/apis/{kind.Resource.ApiVersion}";
            var path = $"{group}/{(kind.Namespaced ? "namespaces/default/" : "")}{kind.Resource.Resource}";
            var answer = await client.SendAsync(new FuzzRequest("POST", path, [], JsonBytes.Of(sample, dice)), Patience, cancellationToken);
            if (answer.Code == 201 && AnswerRules.ReadObject(answer) is { } obj)
            {
                known.Learn(path, obj);
            }
        }
    }

    private async Task<FuzzAnswer?> SendAsync(FuzzServer server, FuzzClient client, int iteration, FuzzRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await client.SendAsync(request, Patience, cancellationToken);
            Answered(request, answer);
            _written += request.Method == "GET" ? 0 : answer.Body.Length;
            var errors = server.Log.TakeErrors();
            if ((AnswerRules.Check(request, answer) ?? (errors.Length > 0 ? "something is logged as an error" : null)) is { } problem)
            {
                Add(new Finding(seed, iteration, errors.Length > 0 ? $"{problem}\n{errors}" : problem, request, answer));
            }

            return answer;
        }
        catch (Exception e) when (e is TimeoutException or HttpRequestException or IOException or InvalidDataException)
        {
            Add(new Finding(seed, iteration, $"{e.Message}\n{e.InnerException?.Message}\n{server.Log.TakeErrors()}", request, null));
            return null;
        }
    }

    private void Add(Finding finding)
    {
        _findings.Add(finding);
        Found(finding);
    }
}
