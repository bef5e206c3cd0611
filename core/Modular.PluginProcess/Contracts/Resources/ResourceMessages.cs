using System.Text.Json.Nodes;
using Modular.Abstractions;
using Modular.ApiMachinery;
using Protocol = Modular.PluginProcess.Protocol;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace Modular.PluginProcess.Contracts;

/// <summary>Kinds and what is asked about them as messages, and back.</summary>
internal static class ResourceMessages
{
    private const int MostKinds = 10_000;

    private static readonly Func<string, IReadOnlyList<string>>[] NameRulesByNumber =
        [NameRules.Dns1123Subdomain, NameRules.Dns1123Label, NameRules.Dns1035Label, NameRules.PathSegment];

    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    public static Protocol.Description ToMessage(IReadOnlyList<ResourceDefinition> kinds)
    {
        var schemas = new SchemaMessages();
        var description = new Protocol.Description { HasDescriptions = kinds.Any(kind => kind.Descriptions is not null) };
        description.Kinds.AddRange(kinds.Select(kind => ToMessage(kind, schemas)));
        description.Schemas.AddRange(schemas.Write());
        return description;
    }

    /// <param name="description">What a process told.</param>
    /// <param name="rulesOf">Makes what is asked about a kind that has rules.</param>
    /// <param name="descriptions">Asks for descriptions, if there are any.</param>
    /// <exception cref="FormatException">It can't be served.</exception>
    public static IReadOnlyList<ResourceDefinition> FromMessage(
        Protocol.Description description, Func<IReadOnlySet<Protocol.KindRule>, IResourceRules> rulesOf, ISchemaDescriptions descriptions)
    {
        if (description.Kinds.Count > MostKinds)
        {
            throw new FormatException($"{description.Kinds.Count} kinds are more than {MostKinds}");
        }

        var schemas = new SchemaReader(description.Schemas);
        var described = description.HasDescriptions ? descriptions : null;
        return [.. description.Kinds.Select(kind => FromMessage(kind, schemas, rulesOf) with { Descriptions = described })];
    }

    public static Protocol.StrategyContext ToMessage(StrategyContext context) => new()
    {
        User = SecurityMessages.ToMessage(context.User),
        Namespace = context.Namespace,
        Name = context.Name,
        Subresource = context.Subresource,
        Now = Timestamp.FromDateTimeOffset(context.Now),
        AllowLoopbackEndpoints = context.AllowLoopbackEndpoints,
        Resource = SecurityMessages.ToMessage(context.Resource),
        DryRun = context.DryRun,
    };

    public static StrategyContext FromMessage(Protocol.StrategyContext message) => new()
    {
        User = SecurityMessages.FromMessage(message.User),
        Namespace = message.Namespace,
        Name = message.Name,
        Subresource = message.Subresource,
        Now = message.Now.ToDateTimeOffset(),
        AllowLoopbackEndpoints = message.AllowLoopbackEndpoints,
        Resource = SecurityMessages.FromMessage(message.Resource),
        DryRun = message.DryRun,
    };

    public static Protocol.DeleteOptions? ToMessage(DeleteOptions? options)
    {
        if (options is null)
        {
            return null;
        }

        var message = new Protocol.DeleteOptions { PropagationPolicy = options.PropagationPolicy, Uid = options.Uid, ResourceVersion = options.ResourceVersion };
        if (options.GracePeriodSeconds is { } grace)
        {
            message.GraceSeconds = grace;
        }

        return message;
    }

    public static DeleteOptions? FromMessage(Protocol.DeleteOptions? message) => message is null ? null : new()
    {
        GracePeriodSeconds = message.HasGraceSeconds ? message.GraceSeconds : null,
        PropagationPolicy = message.PropagationPolicy,
        Uid = message.Uid,
        ResourceVersion = message.ResourceVersion,
    };

    public static Protocol.StatusCause ToMessage(StatusCause cause) => new() { Reason = cause.Reason, Message = cause.Message, Field = cause.Field };

    public static StatusCause FromMessage(Protocol.StatusCause message) => new(message.Reason, message.Message, message.Field);

    public static string ToMessage(JsonNode? cell) => cell?.ToJsonString() ?? "null";

    /// <summary>Whether a kind's names follow a rule that only its own process knows.</summary>
    public static bool HasOwnNames(ResourceDefinition kind) => NameRuleOf(kind) == Protocol.NameRule.Own;

    private static Protocol.ResourceDefinition ToMessage(ResourceDefinition kind, SchemaMessages schemas)
    {
        var message = new Protocol.ResourceDefinition
        {
            Resource = SecurityMessages.ToMessage(kind.Resource),
            Kind = ToMessage(kind.Kind),
            Singular = kind.Singular,
            Namespaced = kind.Namespaced,
            IsNamespaceKind = kind.IsNamespaceKind,
            NameRule = NameRuleOf(kind),
            Schema = schemas.PlaceOf(kind.Schema),
            OwnTableLayout = kind.OwnTableLayout,
            TracksGeneration = kind.TracksGeneration,
            CreatesOnUpdate = kind.CreatesOnUpdate,
            UpdateNeedsRevision = kind.UpdateNeedsRevision,
            StoredAs = kind.StoredAs is { } stored ? SecurityMessages.ToMessage(stored) : null,
            Review = kind.Review is { } review ? (Protocol.ReviewType)(review + 1) : Protocol.ReviewType.Unspecified,
            ReturnsDeletedObject = kind.ReturnsDeletedObject,
            ActsOn = kind.ActsOn is { } action
                ? new Protocol.ResourceAction { Resource = SecurityMessages.ToMessage(action.Resource), Subresource = action.Subresource }
                : null,
        };
        message.ShortNames.AddRange(kind.ShortNames);
        message.Categories.AddRange(kind.Categories);
        message.Verbs.AddRange(kind.Verbs);
        message.Columns.AddRange(kind.Columns.Select(column => new Protocol.ResourceColumn
        {
            Name = column.Name,
            Type = column.Type,
            Format = column.Format,
            Description = column.Description,
            Priority = column.Priority,
        }));
        message.SelectableFields.AddRange(kind.SelectableFields.Select(
            field => new Protocol.SelectableField { Path = field.Path, Default = field.Default, JsonPath = field.JsonPath }));
        message.Subresources.AddRange(kind.Subresources.Select(subresource => ToMessage(subresource, schemas)));
        message.Rules.AddRange(KindRules.Of(kind));
        return message;
    }

    private static ResourceDefinition FromMessage(
        Protocol.ResourceDefinition message, SchemaReader schemas, Func<IReadOnlySet<Protocol.KindRule>, IResourceRules> rulesOf)
    {
        var (resource, kind) = (message.Resource ?? throw new FormatException("a kind has no resource"), message.Kind ?? throw new FormatException("a resource has no kind"));
        var name = $"{resource.Group}/{resource.Version}/{resource.Resource}";
        Demand(resource.Group.Length == 0 || NameRules.Dns1123Subdomain(resource.Group).Count == 0, $"{name} has a group that is no domain");
        Demand(NameRules.Dns1035Label(resource.Version).Count == 0, $"{name} has a version that is no label");
        Demand(NameRules.Dns1035Label(resource.Resource).Count == 0, $"{name} has a plural that is no label");
        Demand(NameRules.Dns1123Label(message.Singular).Count == 0, $"{name} has a singular that is no label");
        Demand(kind.Group == resource.Group && kind.Version == resource.Version, $"{name} is of another group or version than its kind");
        Demand(IsKind(kind.Kind), $"{name} has a kind that is no word");
        Demand(message.Verbs.All(Verbs.Contains), $"{name} has a verb that there is not");
        Demand(!message.IsNamespaceKind || !message.Namespaced, $"{name} is the kind of namespaces and lives in one");
        Demand(Enum.IsDefined(message.Review), $"{name} asks what nobody answers");
        Demand(Enum.IsDefined(message.NameRule), $"{name} has a rule for names that there is not");
        var rules = message.Rules.ToHashSet();
        Demand(message.NameRule != Protocol.NameRule.Own || rules.Contains(Protocol.KindRule.Validate), $"{name} has a rule for names of its own and nothing that validates");
        Demand(message.Columns.Count == 0 || rules.Contains(Protocol.KindRule.Render), $"{name} has columns and nothing that renders them");
        var schema = schemas.Use(message.Schema);
        Demand(schema.Type == SchemaType.Object, $"{name} has a schema of type {schema.Type}");
        return new ResourceDefinition
        {
            Resource = SecurityMessages.FromMessage(resource),
            Kind = FromMessage(kind),
            Singular = message.Singular,
            ShortNames = [.. message.ShortNames],
            Categories = [.. message.Categories],
            Namespaced = message.Namespaced,
            IsNamespaceKind = message.IsNamespaceKind,
            NameRule = message.NameRule == Protocol.NameRule.Own ? static _ => [] : NameRulesByNumber[(int)message.NameRule],
            Verbs = [.. message.Verbs],
            Schema = schema,
            Columns = [.. message.Columns.Select(column => new ResourceColumn(column.Name, column.Type, column.Format, column.Description, column.Priority))],
            OwnTableLayout = message.OwnTableLayout,
            SelectableFields = [.. message.SelectableFields.Select(field => new SelectableField(field.Path, field.Default, field.JsonPath))],
            Subresources = [.. message.Subresources.Select(subresource => FromMessage(subresource, name, schemas))],
            TracksGeneration = message.TracksGeneration,
            CreatesOnUpdate = message.CreatesOnUpdate,
            UpdateNeedsRevision = message.UpdateNeedsRevision,
            StoredAs = message.StoredAs is { } stored ? SecurityMessages.FromMessage(stored) : null,
            Review = message.Review == Protocol.ReviewType.Unspecified ? null : (ReviewType)(message.Review - 1),
            ReturnsDeletedObject = message.ReturnsDeletedObject,
            ActsOn = message.ActsOn is { } action
                ? new ResourceAction(SecurityMessages.FromMessage(action.Resource ?? throw new FormatException($"{name} acts on nothing")), action.Subresource)
                : null,
            Rules = rulesOf(rules),
        };
    }

    private static Protocol.Subresource ToMessage(Subresource subresource, SchemaMessages schemas)
    {
        var message = new Protocol.Subresource
        {
            Name = subresource.Name,
            Type = (Protocol.SubresourceType)subresource.Type,
            Kind = ToMessage(subresource.Kind),
            SpecReplicasPath = subresource.SpecReplicasPath,
            StatusReplicasPath = subresource.StatusReplicasPath,
            SelectorPath = subresource.SelectorPath,
        };
        message.Verbs.AddRange(subresource.Verbs);
        message.Fields.AddRange(subresource.Fields);
        if (subresource.Schema is { } schema)
        {
            message.Schema = schemas.PlaceOf(schema);
        }

        if (subresource.Beside is { } beside)
        {
            message.Beside = SecurityMessages.ToMessage(beside);
        }

        return message;
    }

    private static Subresource FromMessage(Protocol.Subresource message, string owner, SchemaReader schemas)
    {
        Demand(NameRules.Dns1123Label(message.Name).Count == 0, $"{owner} has a subresource whose name is no label");
        Demand(Enum.IsDefined(message.Type), $"{owner}/{message.Name} is of a type that there is not");
        Demand(message.Kind is { } kind && IsKind(kind.Kind), $"{owner}/{message.Name} has a kind that is no word");
        Demand(
            message.Type != Protocol.SubresourceType.Scale || message.SpecReplicasPath.Length > 0 && message.StatusReplicasPath.Length > 0 && message.SelectorPath.Length > 0,
            $"{owner}/{message.Name} says not where its counts are");
        return new Subresource
        {
            Name = message.Name,
            Type = (SubresourceType)message.Type,
            Kind = FromMessage(message.Kind!),
            Verbs = [.. message.Verbs],
            Fields = [.. message.Fields],
            SpecReplicasPath = message.SpecReplicasPath,
            StatusReplicasPath = message.StatusReplicasPath,
            SelectorPath = message.SelectorPath,
            Schema = message.HasSchema ? schemas.Use(message.Schema) : null,
            Beside = message.Beside is { } beside ? SecurityMessages.FromMessage(beside) : null,
        };
    }

    private static Protocol.GroupVersionKind ToMessage(GroupVersionKind kind) => new() { Group = kind.Group, Version = kind.Version, Kind = kind.Kind };

    private static GroupVersionKind FromMessage(Protocol.GroupVersionKind message) => new(message.Group, message.Version, message.Kind);

    private static Protocol.NameRule NameRuleOf(ResourceDefinition kind)
    {
        var known = Array.FindIndex(NameRulesByNumber, rule => rule.Method == kind.NameRule.Method);
        return known < 0 ? Protocol.NameRule.Own : (Protocol.NameRule)known;
    }

    private static bool IsKind(string kind) => kind.Length is > 0 and <= 63 && kind.All(char.IsAsciiLetterOrDigit);

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException(otherwise);
        }
    }
}
