using System.Text.Json;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;

namespace Modular.Plugins.Scheduling.Trials;

/// <summary>
/// Records where a candidate put each pod, a JSON object a line. One that grew too large becomes the older of two files. Not thread-safe.
/// </summary>
internal sealed partial class PlacementLog(string directory, string candidate, TimeProvider time, ILogger log) : IDisposable
{
    private const long MostBytes = 8 << 20;

    private readonly string _path = Path.Combine(directory, $"{candidate}.jsonl");
    private FileStream? _file;
    private bool _hasFailed;

    /// <param name="pod">The pod.</param>
    /// <param name="live">Where the live scheduler put it; empty for nowhere, null if it was not asked.</param>
    /// <param name="candidate">Where the candidate put it; empty for nowhere.</param>
    public void Write(SchedulingPod pod, string? live, string candidate)
    {
        if (_hasFailed)
        {
            return;
        }

        try
        {
            var file = Open();
            using (var json = new Utf8JsonWriter(file))
            {
                json.WriteStartObject();
                json.WriteString("time", time.GetUtcNow());
                json.WriteString("namespace", pod.Namespace);
                json.WriteString("name", pod.Name);
                json.WriteString("uid", pod.Uid);
                if (live is not null)
                {
                    json.WriteString("live", live);
                }

                json.WriteString("candidate", candidate);
                json.WriteEndObject();
            }

            file.WriteByte((byte)'\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The trial is worth more than its record.
            _hasFailed = true;
            LogFailure(_path, e.Message);
        }
    }

    /// <summary>What was written can be read.</summary>
    public void Flush()
    {
        try
        {
            _file?.Flush();
        }
        catch (IOException e)
        {
            _hasFailed = true;
            LogFailure(_path, e.Message);
        }
    }

    public void Dispose()
    {
        Flush();
        _file?.Dispose();
    }

    private FileStream Open()
    {
        if (_file is { Position: >= MostBytes } full)
        {
            full.Dispose();
            _file = null;
            File.Move(_path, $"{_path}.1", overwrite: true);
        }

        if (_file is null)
        {
            Directory.CreateDirectory(directory);
            _file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
        }

        return _file;
    }

    [LoggerMessage(LogLevel.Warning, "placements of the candidate are not recorded any more in {Path}: {Error}")]
    private partial void LogFailure(string path, string error);
}
