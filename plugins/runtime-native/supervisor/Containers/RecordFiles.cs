using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Modular.RuntimeNative.Supervisor.Containers;

/// <summary>One small file a record, replaced as a whole: a reader finds the old or the new one, never half of one.</summary>
internal sealed class RecordFiles<T>(string directory, JsonTypeInfo<T> type)
    where T : class
{
    private const string Extension = ".json";

    public void Write(string id, T record, bool durable)
    {
        Directory.CreateDirectory(directory);
        var path = PathOf(id);
        var temporary = path + ".new";
        using (var file = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(record, type));
            if (durable)
            {
                file.Flush(flushToDisk: true);
            }
        }

        File.Move(temporary, path, overwrite: true);
    }

    public void Delete(string id) => File.Delete(PathOf(id));

    /// <summary>All records; what can't be read is set aside, so that it can be looked at and does not stop the rest.</summary>
    public List<T> ReadAll()
    {
        var records = new List<T>();
        if (!Directory.Exists(directory))
        {
            return records;
        }

        foreach (var path in Directory.GetFiles(directory, "*" + Extension))
        {
            try
            {
                if (JsonSerializer.Deserialize(File.ReadAllBytes(path), type) is { } record)
                {
                    records.Add(record);
                }
            }
            catch (JsonException exception)
            {
                SupervisorLog.Write($"{path} is not readable and is set aside: {exception.Message}");
                File.Move(path, path + ".bad", overwrite: true);
            }
        }

        return records;
    }

    // Ids are made of uids and names; a slash must not lead out of the directory all the same.
    private string PathOf(string id) => Path.Combine(directory, Uri.EscapeDataString(id) + Extension);
}
