using System.Text.Json.Nodes;
using Modular.ApiServer;
using Modular.Host.Client;
using Modular.Kernel.Plugins;

namespace Modular.Host.Cluster;

/// <summary>Finds and reads the distribution of a cluster: the one named, else the one it was made with, else the default.</summary>
internal static class DistributionFile
{
    private static readonly string Own = Path.Combine(AppContext.BaseDirectory, "distributions");

    /// <summary>The file that somebody names: a path, or the name alone of one that comes with this program, such as split.</summary>
    public static string Resolve(string named) =>
        !File.Exists(named) && Path.GetFileName(named) == named && Path.Combine(Own, named + ".yaml") is var own && File.Exists(own) ? own : Path.GetFullPath(named);

    /// <summary>Keeps the file a cluster was started with, for its next start.</summary>
    public static void Keep(ClusterOptions options)
    {
        if (options.DistributionFile is not { } file)
        {
            return;
        }

        if (Path.GetDirectoryName(file) == Own)
        {
            // What it says may be another thing in the next version of this program, which then counts.
            File.WriteAllText(
                options.Directory.Distribution,
                $"# The one that comes with the program.\napiVersion: {Distribution.ApiVersion}\nkind: Distribution\nmetadata:\n  name: {Path.GetFileNameWithoutExtension(file)}\n");
        }
        else
        {
            File.Copy(file, options.Directory.Distribution, overwrite: true);
        }
    }

    public static Distribution Read(ClusterOptions options)
    {
        var kept = options.Directory.Distribution;
        var file = options.DistributionFile
            ?? (File.Exists(kept) ? kept : Path.Combine(Own, "dev.yaml"));
        try
        {
            var document = Decode(file);
            if (file == kept && document is JsonObject reference && reference["plugins"] is null && (string?)reference["metadata"]?["name"] is { } name)
            {
                file = Path.Combine(Own, name + ".yaml");
                document = Decode(file);
            }

            return Distribution.Read(document, file);
        }
        catch (YamlDotNet.Core.YamlException e)
        {
            throw new CommandException($"{file}, line {e.Start.Line}: not YAML: {e.Message}");
        }
        catch (DistributionException e)
        {
            throw new CommandException(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"cannot read the distribution: {e.Message.TrimEnd('.')}; name another file with --distribution");
        }
    }

    private static JsonNode? Decode(string file) => YamlDecoder.DecodeAll(File.ReadAllText(file)) is [var document, ..] ? document : null;
}
