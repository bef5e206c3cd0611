using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Modular.ApiFuzzer;

// ApiFuzzer [--seed N] [--for 10m] [--requests N] [--messages]: runs one after the other, each with the next seed, until the time is over.
var arguments = new Dictionary<string, string>(StringComparer.Ordinal);
for (var i = 0; i < args.Length; i++)
{
    if (args[i] is "--seed" or "--for" or "--requests" && i + 1 < args.Length)
    {
        arguments[args[i]] = args[++i];
    }
    else if (args[i] is "--messages")
    {
        arguments[args[i]] = "";
    }
    else
    {
        Console.Error.WriteLine($"{args[i]}: use --seed N, --for TIME such as 30s, 10m or 1h, --requests N of a run, and --messages");
        return 2;
    }
}

if (!int.TryParse(arguments.GetValueOrDefault("--seed", "1"), CultureInfo.InvariantCulture, out var seed)
    || !int.TryParse(arguments.GetValueOrDefault("--requests", "10000"), CultureInfo.InvariantCulture, out var requests) || requests < 1
    || !TryReadTime(arguments.GetValueOrDefault("--for", "1s"), out var time))
{
    Console.Error.WriteLine("--seed and --requests are whole numbers, --for is a number with s, m or h behind it");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = true;
    stop.Cancel();
};
var started = Stopwatch.GetTimestamp();
var found = 0;
var messages = new SortedDictionary<string, (int Count, string Example)>(StringComparer.Ordinal);
var codes = new SortedDictionary<int, int>();
try
{
    for (; ; seed++)
    {
        codes.Clear();
        var run = new Fuzzer(seed)
        {
            Found = static finding => Console.WriteLine(finding),
            Answered = (request, answer) => Count(request, answer),
        };
        found += (await run.RunAsync(requests, stop.Token)).Count;
        Console.WriteLine($"seed {seed}: {requests} requests, {found} findings so far, heap {run.Growth / 1024} KB larger than at half, answers {string.Join(' ', codes.Select(c => $"{c.Key}:{c.Value}"))}");
        if (Stopwatch.GetElapsedTime(started) >= time)
        {
            break;
        }
    }
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.WriteLine($"stopped in the run of seed {seed}");
}

foreach (var (message, (count, example)) in messages)
{
    Console.WriteLine($"{count,6} {message}    <- {example}");
}

return found == 0 ? 0 : 1;

void Count(FuzzRequest request, FuzzAnswer answer)
{
    codes[answer.Code] = codes.GetValueOrDefault(answer.Code) + 1;
    if (arguments.ContainsKey("--messages") && answer.Code >= 400 && AnswerRules.ReadObject(answer)?["message"] is { } text)
    {
        // What differs from object to object is left out, so that each kind of message stands there once.
        var body = Encoding.UTF8.GetString(answer.Body);
        var shape = $"{answer.Code} {Regex.Replace(Regex.Replace(text.ToString(), "\"[^\"]*\"", "\"\""), "[0-9]+", "0")}";
        shape = shape.Length > 160 ? shape[..160] : shape;
        messages[shape] = (messages.GetValueOrDefault(shape).Count + 1, body.Length > 300 ? body[..300] : body);
    }
}

static bool TryReadTime(string text, out TimeSpan time)
{
    time = default;
    var isNumber = double.TryParse(text.TrimEnd('s', 'm', 'h'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and < 100_000;
    TimeSpan? unit = text.Length == 0 ? null : text[^1] switch { 's' => TimeSpan.FromSeconds(1), 'm' => TimeSpan.FromMinutes(1), 'h' => TimeSpan.FromHours(1), _ => null };
    time = isNumber && unit is { } one ? one * number : default;
    return isNumber && unit is not null;
}
