using System.Text.Json;
using Microsoft.Extensions.Logging;
using Modular.Abstractions;

namespace Modular.Plugins.RuntimeSimulated;

/// <summary>One small file a sandbox, replaced as a whole: a reader finds the old or the new one, never half of one.</summary>
internal sealed partial class SandboxFiles(string directory, ILogger log)
{
    private const string Extension = ".json";

    // With an extension, the longest name of a file.
    private const int LongestId = 240;

    /// <exception cref="RuntimeException">The file can't be written, or no file can have this id for a name.</exception>
    public void Write(SandboxRecord record)
    {
        var path = PathOf(record.Sandbox.Id);
        try
        {
            Directory.CreateDirectory(directory);
            var temporary = path + ".new";
            File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(record, SandboxRecordJson.Default.SandboxRecord));
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RuntimeException("RecordNotWritten", $"sandbox {record.Sandbox.Id} can't be recorded: {exception.Message}");
        }
    }

    public void Delete(string sandboxId) => File.Delete(PathOf(sandboxId));

    /// <summary>All records; what can't be read is set aside, so that it can be looked at and does not stop the rest.</summary>
    public IReadOnlyList<SandboxRecord> ReadAll()
    {
        var records = new List<SandboxRecord>();
        foreach (var path in Directory.Exists(directory) ? Directory.GetFiles(directory, "*" + Extension) : [])
        {
            try
            {
                if (JsonSerializer.Deserialize(File.ReadAllBytes(path), SandboxRecordJson.Default.SandboxRecord) is { } record)
                {
                    records.Add(record);
                }
            }
            catch (JsonException exception)
            {
                LogUnreadable(log, path, exception.Message);
                File.Move(path, path + ".bad", overwrite: true);
            }
        }

        return records;
    }

    // Ids are made of uids and names; a slash must not lead out of the directory all the same.
    private string PathOf(string sandboxId)
    {
        var name = Uri.EscapeDataString(sandboxId);
        return name.Length is > 0 and <= LongestId
            ? Path.Combine(directory, name + Extension)
            : throw new RuntimeException("InvalidId", $"a sandbox's id must not be empty or longer than {LongestId} bytes, with all but letters, digits, '-', '_', '.' and '~' as %XX");
    }

    [LoggerMessage(LogLevel.Warning, "{Path} is not readable and is set aside: {Error}")]
    private static partial void LogUnreadable(ILogger logger, string path, string error);
}
